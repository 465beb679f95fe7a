import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/ui/icon-button";
import { ImageIcon, PlusIcon, TextIcon } from "@/components/ui/icons";
import { Menu, MenuItem } from "@/components/ui/menu";

const ACCEPT =
  "image/png,image/jpeg,image/webp,image/gif,application/pdf,text/*,.md,.csv,.json,.py,.js,.ts,.tsx,.java,.c,.cpp,.h,.cs,.go,.rs,.rb,.php,.sql,.sh,.yaml,.yml,.toml,.xml,.html,.css,.log";

/** Opens the files of the device; on a phone first asks whether the camera is meant. */
export function AttachButton({ onFiles }: { onFiles: (files: File[]) => void }) {
  const { t } = useTranslation();
  const files = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const touch = window.matchMedia("(pointer: coarse)").matches;
  const button = (
    <IconButton
      label={t("attach.attach")}
      className="size-9! rounded-full! text-lg pointer-coarse:size-10!"
      onClick={touch ? undefined : () => files.current?.click()}
    >
      <PlusIcon />
    </IconButton>
  );
  const input = (ref: typeof files, more: { multiple?: boolean; capture?: "environment" }) => (
    <input
      ref={ref}
      type="file"
      hidden
      tabIndex={-1}
      aria-label={t("attach.attach")}
      accept={more.capture ? "image/*" : ACCEPT}
      {...more}
      onChange={(event) => {
        onFiles([...(event.target.files ?? [])]);
        event.target.value = "";
      }}
    />
  );
  return (
    <>
      {touch ? (
        <Menu side="top" trigger={button}>
          <MenuItem icon={<ImageIcon />} onSelect={() => camera.current?.click()}>
            {t("attach.camera")}
          </MenuItem>
          <MenuItem icon={<TextIcon />} onSelect={() => files.current?.click()}>
            {t("attach.choose")}
          </MenuItem>
        </Menu>
      ) : (
        button
      )}
      {input(files, { multiple: true })}
      {touch && input(camera, { capture: "environment" })}
    </>
  );
}
