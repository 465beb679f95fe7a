import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Select } from "@/components/ui/select";
import { SettingsRow } from "@/components/ui/settings-row";
import {
  groupModels,
  isUsable,
  readDefaultModel,
  rememberDefaultModel,
} from "@/features/models/choice";
import { useModels } from "@/features/models/use-models";

/** Which model a new chat begins with. */
export function DefaultModelRow() {
  const { t } = useTranslation();
  const { data: models } = useModels();
  const [value, setValue] = useState(readDefaultModel() ?? "");
  return (
    <SettingsRow title={t("preferences.defaultModel")} hint={t("preferences.defaultModelHint")}>
      <Select
        label={t("preferences.defaultModel")}
        className="w-60"
        value={value}
        onChange={({ target }) => {
          setValue(target.value);
          rememberDefaultModel(target.value || null);
        }}
      >
        <option value="">{t("preferences.lastModel")}</option>
        {groupModels((models ?? []).filter(isUsable)).map((group) => (
          <optgroup key={group.provider} label={group.provider}>
            {group.models.map((model) => (
              <option key={model.id} value={model.id}>
                {model.name}
              </option>
            ))}
          </optgroup>
        ))}
      </Select>
    </SettingsRow>
  );
}
