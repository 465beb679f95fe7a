import { queryOptions, useMutation, useQuery } from "@tanstack/react-query";
import {
  cancelSubscription,
  changePaymentMethod,
  changePeriod,
  checkout,
  getOrder,
  getSubscription,
  listOrders,
  listPlans,
  previewCheckout,
  previewPeriod,
  removePaymentMethod,
  resumeSubscription,
} from "@/client/sdk.gen";
import type { CheckoutRequest, OrderInfo, PreviewRequest } from "@/client/types.gen";
import { http } from "@/lib/api/http";
import { queryClient } from "@/lib/query-client";
import { keys } from "@/lib/query-keys";

export type Period = "month" | "year";

const plansQuery = queryOptions({
  queryKey: keys.plans,
  queryFn: async ({ signal }) => (await listPlans({ ...http, signal })).data.data,
  staleTime: 5 * 60_000,
});

const subscriptionQuery = queryOptions({
  queryKey: keys.subscription,
  queryFn: async ({ signal }) => (await getSubscription({ ...http, signal })).data.data,
});

const ordersQuery = queryOptions({
  queryKey: [...keys.orders, "list"],
  queryFn: async ({ signal }) => (await listOrders({ ...http, signal })).data.data,
});

export const usePlans = () => useQuery(plansQuery);
export const useSubscription = () => useQuery(subscriptionQuery);
export const useOrders = () => useQuery(ordersQuery);

/** Soon in the first minute, when somebody is looking on; then now and then. */
const WATCHED_FOR_MS = 60_000;
const SOON_MS = 2_000;
const LATER_MS = 10_000;

/** An order, asked for again and again until it is decided. Each look of ours makes the server look, too. */
export function useOrder(id: string | undefined, since: number) {
  return useQuery({
    queryKey: [...keys.orders, id],
    queryFn: async ({ signal }) =>
      (await getOrder({ ...http, path: { order_id: id ?? "" }, signal })).data.data,
    enabled: id !== undefined,
    staleTime: 0,
    refetchOnMount: "always",
    refetchInterval: ({ state }) => {
      const open = state.data === undefined ? state.error === null : isOpen(state.data);
      if (!open) return state.data === undefined && mayReturn(state.error) ? SOON_MS : false;
      return Date.now() - since < WATCHED_FOR_MS ? SOON_MS : LATER_MS;
    },
  });
}

const isOpen = (order: OrderInfo) => order.status === "pending";
const mayReturn = (error: unknown) => (error as { status?: number } | null)?.status !== 404;

/** What buying would cost now. Errors are about the promo code, or say that there is nothing to buy. */
export const usePreview = (wish: PreviewRequest, enabled: boolean) =>
  useQuery({
    queryKey: [...keys.orders, "preview", wish],
    queryFn: async ({ signal }) =>
      (await previewCheckout({ ...http, body: wish, signal })).data.data,
    enabled,
    placeholderData: (before) => before,
    retry: false,
  });

export const usePeriodPreview = (period: Period) =>
  useQuery({
    queryKey: [...keys.orders, "period", period],
    queryFn: async ({ signal }) =>
      (await previewPeriod({ ...http, body: { period }, signal })).data.data,
    staleTime: 0,
    gcTime: 0,
  });

function refresh() {
  for (const queryKey of [keys.subscription, keys.orders, keys.me]) {
    void queryClient.invalidateQueries({ queryKey });
  }
}

const settled = { onSettled: refresh };

export const useCheckout = () =>
  useMutation({
    mutationFn: async (body: CheckoutRequest) => (await checkout({ ...http, body })).data.data,
  });
export const useCancel = () =>
  useMutation({ mutationFn: async () => cancelSubscription(http), ...settled });
export const useResume = () =>
  useMutation({ mutationFn: async () => resumeSubscription(http), ...settled });
export const useRemoveMethod = () =>
  useMutation({ mutationFn: async () => removePaymentMethod(http), ...settled });
export const useChangeMethod = () =>
  useMutation({ mutationFn: async () => (await changePaymentMethod(http)).data.data });
export const useChangePeriod = () =>
  useMutation({
    mutationFn: async (period: Period) =>
      (await changePeriod({ ...http, body: { period } })).data.data,
    ...settled,
  });
