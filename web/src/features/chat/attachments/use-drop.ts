import { useEffect, useState } from "react";

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;

/** Files dropped anywhere on the page; true while some are held over it. */
export function useDrop(onFiles: (files: File[]) => void): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    // Entering a child counts as leaving its parent: only the sum says whether they are still over the page.
    let depth = 0;
    const move = (by: number) => (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth = Math.max(0, depth + by);
      setOver(depth > 0);
    };
    const [enter, leave, hover] = [move(1), move(-1), move(0)];
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      onFiles([...(event.dataTransfer?.files ?? [])]);
    };
    const all = { dragenter: enter, dragleave: leave, dragover: hover, drop };
    for (const [name, handle] of Object.entries(all))
      window.addEventListener(name as "drop", handle);
    return () => {
      for (const [name, handle] of Object.entries(all))
        window.removeEventListener(name as "drop", handle);
    };
  }, [onFiles]);
  return over;
}
