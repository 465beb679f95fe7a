"""What an administrator sees and does: payments, refunds, people, figures. For everybody else these addresses do not exist."""
