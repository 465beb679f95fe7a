import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
} from "@tanstack/react-query";
import {
  adminAddPromoCode,
  adminAudit,
  adminBlockUser,
  adminCondition,
  adminDashboard,
  adminEndPremium,
  adminEndPromoCode,
  adminGetPayment,
  adminGetPrices,
  adminGetRates,
  adminGetUser,
  adminGivePremium,
  adminListMails,
  adminListPayments,
  adminListPromoCodes,
  adminListUsers,
  adminRefund,
  adminResetPrices,
  adminSetPrices,
  adminSetRate,
} from "@/client/sdk.gen";
import type { AdminListPaymentsData, Prices, PromoRequest } from "@/client/types.gen";
import { http } from "@/lib/api/http";
import { queryClient } from "@/lib/query-client";

export type PaymentFilter = Omit<NonNullable<AdminListPaymentsData["query"]>, "cursor">;

/** Everything of the operator's lives below this key, so that one deed refreshes all of it. */
const ADMIN = "admin";

export const dashboardQuery = (days: number) =>
  queryOptions({
    queryKey: [ADMIN, "dashboard", days],
    queryFn: async ({ signal }) =>
      (await adminDashboard({ ...http, query: { days }, signal })).data.data,
    placeholderData: keepPreviousData,
  });

const page = {
  initialPageParam: null as string | null,
  getNextPageParam: (last: { cursor: string | null }) => last.cursor,
  placeholderData: keepPreviousData,
};

const at = (cursor: string | null) => (cursor === null ? {} : { cursor });

export const paymentsQuery = (filter: PaymentFilter) =>
  infiniteQueryOptions({
    queryKey: [ADMIN, "payments", filter],
    queryFn: async ({ signal, pageParam }) =>
      (await adminListPayments({ ...http, query: { ...filter, ...at(pageParam) }, signal })).data,
    ...page,
  });

export const paymentQuery = (id: string) =>
  queryOptions({
    queryKey: [ADMIN, "payment", id],
    queryFn: async ({ signal }) =>
      (await adminGetPayment({ ...http, path: { payment_id: id }, signal })).data.data,
  });

export type UserFilter = { q?: string; only?: "premium" | "blocked" | "admin" };

export const usersQuery = (filter: UserFilter) =>
  infiniteQueryOptions({
    queryKey: [ADMIN, "users", filter],
    queryFn: async ({ signal, pageParam }) =>
      (await adminListUsers({ ...http, query: { ...filter, ...at(pageParam) }, signal })).data,
    ...page,
  });

export const userQuery = (id: string) =>
  queryOptions({
    queryKey: [ADMIN, "user", id],
    queryFn: async ({ signal }) =>
      (await adminGetUser({ ...http, path: { user_id: id }, signal })).data.data,
  });

export type MailFilter = { q?: string; status?: "queued" | "sent" | "logged" | "failed" };

export const mailsQuery = (filter: MailFilter) =>
  infiniteQueryOptions({
    queryKey: [ADMIN, "mails", filter],
    queryFn: async ({ signal, pageParam }) =>
      (await adminListMails({ ...http, query: { ...filter, ...at(pageParam) }, signal })).data,
    ...page,
  });

export type AuditFilter = { q?: string; userId?: string };

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: [ADMIN, "audit", filter],
    queryFn: async ({ signal, pageParam }) =>
      (await adminAudit({ ...http, query: { ...filter, ...at(pageParam) }, signal })).data,
    ...page,
  });

export const pricesQuery = queryOptions({
  queryKey: [ADMIN, "prices"],
  queryFn: async ({ signal }) => (await adminGetPrices({ ...http, signal })).data.data,
});

export const promosQuery = queryOptions({
  queryKey: [ADMIN, "promos"],
  queryFn: async ({ signal }) => (await adminListPromoCodes({ ...http, signal })).data.data,
});

export const ratesQuery = queryOptions({
  queryKey: [ADMIN, "rates"],
  queryFn: async ({ signal }) => (await adminGetRates({ ...http, signal })).data.data,
});

export const conditionQuery = queryOptions({
  queryKey: [ADMIN, "condition"],
  queryFn: async ({ signal }) => (await adminCondition({ ...http, signal })).data.data,
});

/** A deed of the operator's; whatever it changed is read anew. */
function useDeed<Input>(work: (input: Input) => Promise<unknown>) {
  return useMutation({
    mutationFn: work,
    onSettled: () => void queryClient.invalidateQueries({ queryKey: [ADMIN] }),
  });
}

export const useRefund = (id: string) =>
  useDeed((body: { amount?: number; reason: string; requestId: string }) =>
    adminRefund({ ...http, path: { payment_id: id }, body }),
  );

export const useBlock = (id: string) =>
  useDeed((blocked: boolean) =>
    adminBlockUser({ ...http, path: { user_id: id }, body: { blocked } }),
  );

export const useGivePremium = (id: string) =>
  useDeed((body: { days: number | null; reason: string }) =>
    adminGivePremium({ ...http, path: { user_id: id }, body }),
  );

export const useEndPremium = (id: string) =>
  useDeed((_: undefined) => adminEndPremium({ ...http, path: { user_id: id } }));

export const useSetPrices = () =>
  useDeed((body: Prices | null) =>
    body === null ? adminResetPrices({ ...http }) : adminSetPrices({ ...http, body }),
  );

export const useAddPromo = () =>
  useDeed((body: PromoRequest) => adminAddPromoCode({ ...http, body }));

export const useEndPromo = () =>
  useDeed((id: string) => adminEndPromoCode({ ...http, path: { promo_id: id } }));

export const useSetRate = () =>
  useDeed((rubPerUsd: number) => adminSetRate({ ...http, body: { rubPerUsd } }));
