"""What a plan allows and what has been used: plans, the daily message quota, new chats an hour, tokens and cost."""
