import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { UserDetail } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { useFormat, useWord } from "@/features/admin/format";
import { Grants } from "@/features/admin/grants";
import { Facts, Loaded, Panel, State } from "@/features/admin/parts";
import { Payments } from "@/features/admin/payments-page";
import { PremiumDialog } from "@/features/admin/premium-dialog";
import { useBlock, useEndPremium, userQuery } from "@/features/admin/queries";
import { Plan } from "@/features/admin/users-page";
import { useErrorText } from "@/i18n/use-error-text";
import { showToast } from "@/lib/toasts";

/** One person: what they have, what they paid, what they cost; and what an operator can do about it. */
export function UserPage({ own }: { own: string | undefined }) {
  const { userId } = useParams({ strict: false }) as { userId: string };
  const query = useQuery(userQuery(userId));
  return <Loaded query={query}>{(user) => <Person user={user} own={own === user.id} />}</Loaded>;
}

function Person({ user, own }: { user: UserDetail; own: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [giving, setGiving] = useState(false);
  const given = user.grants.some((grant) => grant.kind === "admin" && isRunning(grant));
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <div className="min-w-0">
          <Link to="/admin/users" className="text-sm text-text-3 hover:text-text hover:underline">
            ← {t("admin.users.title")}
          </Link>
          <h2 className="mt-1 flex flex-wrap items-center gap-2.5 text-xl font-[580] tracking-tight wrap-anywhere">
            {user.email}
            <Plan user={user} />
            {user.role === "admin" && <State code="admin">{t("admin.users.admin")}</State>}
            {user.blockedAt && <State code="blocked">{t("admin.users.isBlocked")}</State>}
          </h2>
        </div>
        <div className="flex flex-wrap gap-2">
          <Button size="sm" onClick={() => setGiving(true)}>
            {t("admin.users.give")}
          </Button>
          {given && <EndPremium user={user} />}
          {!own && <BlockButton user={user} />}
        </div>
      </div>
      <Panel title={t("admin.users.about")}>
        <Facts
          facts={
            [
              [t("admin.users.name"), user.fullName],
              [t("admin.users.registered"), format.moment(user.createdAt)],
              [
                t("admin.users.until"),
                user.subscriptionTier === "premium" &&
                  (user.subscriptionExpiresAt === null
                    ? t("admin.grants.forEver")
                    : format.moment(user.subscriptionExpiresAt)),
              ],
              [t("admin.users.messages"), format.number(user.messages)],
              [t("admin.users.cost"), format.money(Math.round(user.costUsd * 100) / 100, "USD")],
              [
                t("admin.users.lastMessage"),
                user.lastMessageAt && format.moment(user.lastMessageAt),
              ],
              [
                t("admin.payment.id"),
                <code key="id" className="font-mono text-xs">
                  {user.id}
                </code>,
              ],
            ].map(([name, value]) => [name, value || "—"]) as [string, React.ReactNode][]
          }
        />
      </Panel>
      {user.subscription && <SubscriptionPanel subscription={user.subscription} />}
      <Panel title={t("admin.payment.grants")} lead={t("admin.users.grantsLead")}>
        <Grants rows={user.grants} />
      </Panel>
      <Panel title={t("admin.payments.title")}>
        <Payments rows={user.payments} />
      </Panel>
      <p className="text-sm">
        <Link
          to="/admin/audit"
          search={{ userId: user.id } as never}
          className="underline underline-offset-3"
        >
          {t("admin.users.audit")}
        </Link>
      </p>
      {giving && <PremiumDialog user={user} onClose={() => setGiving(false)} />}
    </>
  );
}

function SubscriptionPanel({
  subscription,
}: {
  subscription: NonNullable<UserDetail["subscription"]>;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const word = useWord();
  const state = subscription.pastDue
    ? "past_due"
    : subscription.cancelAtPeriodEnd
      ? "canceling"
      : subscription.status;
  return (
    <Panel title={t("admin.subscription.title")}>
      <Facts
        facts={[
          [
            t("admin.payments.state"),
            <State key="state" code={state}>
              {word("subscriptionState", state)}
            </State>,
          ],
          [t("admin.subscription.period"), word("period", subscription.period)],
          [
            t("admin.subscription.next"),
            subscription.nextPeriod ? word("period", subscription.nextPeriod) : "—",
          ],
          [t("admin.payment.price"), format.money(subscription.price)],
          [t("admin.subscription.end"), format.moment(subscription.currentPeriodEnd)],
          [
            t("admin.subscription.renews"),
            t(subscription.autoRenew ? "admin.list.yes" : "admin.list.no"),
          ],
          [t("admin.payments.method"), subscription.method],
          [t("admin.subscription.attempts"), format.number(subscription.attempts)],
          [
            t("admin.subscription.retry"),
            subscription.retryAt && format.moment(subscription.retryAt),
          ],
        ]}
      />
    </Panel>
  );
}

function isRunning(grant: { revokedAt: string | null; endsAt: string | null }): boolean {
  return (
    grant.revokedAt === null && (grant.endsAt === null || Date.parse(grant.endsAt) > Date.now())
  );
}

function EndPremium({ user }: { user: UserDetail }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const end = useEndPremium(user.id);
  return (
    <Button
      size="sm"
      busy={end.isPending}
      onClick={() =>
        end.mutate(undefined, {
          onSuccess: () => showToast(t("admin.users.ended")),
          onError: (error) => showToast(errorText(error)),
        })
      }
    >
      {t("admin.users.end")}
    </Button>
  );
}

function BlockButton({ user }: { user: UserDetail }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [asking, setAsking] = useState(false);
  const block = useBlock(user.id);
  const blocked = user.blockedAt !== null;
  function change() {
    block.mutate(!blocked, {
      onSuccess: () => {
        showToast(t(blocked ? "admin.users.unblocked" : "admin.users.wasBlocked"));
        setAsking(false);
      },
      // Blocking is asked about in a dialog, which says it itself.
      onError: (error) => blocked && showToast(errorText(error)),
    });
  }
  return (
    <>
      <Button
        size="sm"
        className={blocked ? undefined : "text-danger"}
        busy={block.isPending && !asking}
        onClick={() => (blocked ? change() : setAsking(true))}
      >
        {t(blocked ? "admin.users.unblock" : "admin.users.block")}
      </Button>
      {asking && (
        <ConfirmDialog
          danger
          title={t("admin.users.blockTitle")}
          lead={t("admin.users.blockLead", { email: user.email })}
          confirm={t("admin.users.block")}
          busy={block.isPending}
          error={block.error}
          onConfirm={change}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
