// biome-ignore-all lint/performance/noBarrelFile: one chunk is what it is for
/** Every page of the operator's, in one chunk that nobody else loads. */
export { AuditPage } from "@/features/admin/audit-page";
export { DashboardPage } from "@/features/admin/dashboard-page";
export { HealthPage } from "@/features/admin/health-page";
export { MailsPage } from "@/features/admin/mails-page";
export { OffersPage } from "@/features/admin/offers-page";
export { PaymentPage } from "@/features/admin/payment-page";
export { PaymentsPage } from "@/features/admin/payments-page";
export { UsersPage } from "@/features/admin/users-page";
export { PersonPage } from "@/routes/admin/person-page";
