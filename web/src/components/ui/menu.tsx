import {
  type ComponentProps,
  cloneElement,
  type ReactElement,
  type ReactNode,
  useState,
} from "react";
import { whenNeeded } from "@/components/ui/when-needed";

export interface MenuProps {
  trigger: ReactElement<ComponentProps<"button">>;
  children: ReactNode;
  align?: "start" | "end";
  side?: "top" | "bottom";
  className?: string;
}

const parts = whenNeeded(() => import("@/components/ui/menu-parts"));

/** Until it is opened for the first time there is only its button: a page may hold hundreds of menus, and open none. */
export function Menu(props: MenuProps) {
  const [wanted, setWanted] = useState(false);
  const loaded = parts.get();
  if (wanted && loaded) return <loaded.OpenedMenu {...props} />;
  const open = () =>
    void parts.fetch().then(
      () => setWanted(true),
      () => {},
    );
  return cloneElement(props.trigger, {
    "aria-haspopup": "menu",
    "aria-expanded": false,
    onClick: open,
    onPointerEnter: parts.prefetch,
    onFocus: parts.prefetch,
    onKeyDown: (event) => {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      event.preventDefault();
      open();
    },
  });
}

export interface MenuItemProps {
  icon?: ReactNode;
  danger?: boolean;
  onSelect: () => void;
  children: ReactNode;
}

export function MenuItem(props: MenuItemProps) {
  const loaded = parts.get();
  return loaded && <loaded.MenuItem {...props} />;
}

export interface MenuChoiceProps<T extends string> {
  label: string;
  value: T;
  onChange: (value: T) => void;
  options: { value: T; label: string; icon?: ReactNode }[];
}

/** A choice of one, shown as a group of rows. */
export function MenuChoice<T extends string>(props: MenuChoiceProps<T>) {
  const loaded = parts.get();
  return loaded && <loaded.MenuChoice {...props} />;
}

export function MenuLine() {
  const loaded = parts.get();
  return loaded && <loaded.MenuLine />;
}
