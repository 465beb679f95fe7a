import { Menu as Base } from "@base-ui/react/menu";
import { CheckIcon } from "@/components/ui/icons";
import type { MenuChoiceProps, MenuItemProps, MenuProps } from "@/components/ui/menu";
import { cn } from "@/lib/cn";

const ROW =
  "flex h-9 cursor-default select-none items-center gap-2.5 rounded-sm px-2.5 text-sm outline-none data-highlighted:bg-hover pointer-coarse:h-11";

/** A menu that was asked for; it opens as it appears. */
export function OpenedMenu({
  trigger,
  children,
  align = "start",
  side = "bottom",
  className,
}: MenuProps) {
  return (
    <Base.Root modal={false} defaultOpen>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} side={side} sideOffset={6} className="z-50 outline-none">
          <Base.Popup
            className={cn(
              "min-w-44 origin-(--transform-origin) rounded-lg bg-raised p-1 text-text shadow-float outline-none transition-[opacity,scale] duration-120 data-ending-style:scale-97 data-ending-style:opacity-0 data-starting-style:scale-97 data-starting-style:opacity-0",
              className,
            )}
          >
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

export function MenuItem({ icon, danger = false, onSelect, children }: MenuItemProps) {
  return (
    <Base.Item onClick={onSelect} className={cn(ROW, danger && "text-danger")}>
      <span className={danger ? undefined : "text-text-2"}>{icon}</span>
      {children}
    </Base.Item>
  );
}

export function MenuChoice<T extends string>({
  label,
  value,
  onChange,
  options,
}: MenuChoiceProps<T>) {
  return (
    <Base.Group>
      <Base.GroupLabel className="px-2.5 pt-2 pb-1 text-xs text-text-3">{label}</Base.GroupLabel>
      <Base.RadioGroup value={value} onValueChange={(next) => onChange(next as T)}>
        {options.map((option) => (
          <Base.RadioItem
            key={option.value}
            value={option.value}
            closeOnClick={false}
            className={ROW}
          >
            {option.icon && <span className="text-text-2">{option.icon}</span>}
            <span className="flex-1">{option.label}</span>
            <Base.RadioItemIndicator className="text-accent-text">
              <CheckIcon />
            </Base.RadioItemIndicator>
          </Base.RadioItem>
        ))}
      </Base.RadioGroup>
    </Base.Group>
  );
}

export function MenuLine() {
  return <Base.Separator className="mx-1 my-1 h-px bg-line" />;
}
