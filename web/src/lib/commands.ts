import { useEffect, useRef } from "react";

/** What a page that is open lets others start. */
export type CommandName = "models";

const commands = new Map<CommandName, () => void>();

export const findCommand = (name: CommandName) => commands.get(name);

/** Offers the command for as long as the page is shown. */
export function useCommand(name: CommandName, run: () => void) {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    const command = () => latest.current();
    commands.set(name, command);
    return () => {
      if (commands.get(name) === command) commands.delete(name);
    };
  }, [name]);
}
