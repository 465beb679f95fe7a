import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { usePlans } from "@/features/billing/queries";
import { useFormat } from "@/features/billing/use-format";

/** Says what a locked model takes, and leads there. */
export default function Paywall({
  model,
  onOpen,
  onClose,
}: {
  model: string;
  onOpen: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data: plans } = usePlans();
  const premium = plans?.find(({ id }) => id === "premium");
  return (
    <Dialog
      onClose={onClose}
      title={t("paywall.lockedTitle", { model })}
      description={t("paywall.lockedLead")}
    >
      {premium && (
        <p className="mt-3 text-base font-medium">
          {t("paywall.from", { price: format.price(premium.price) })}
        </p>
      )}
      <DialogActions>
        <Button variant="quiet" onClick={onClose}>
          {t("paywall.later")}
        </Button>
        <Button variant="primary" onClick={onOpen}>
          {t("paywall.open")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
