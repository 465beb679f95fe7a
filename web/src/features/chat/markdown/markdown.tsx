import { useMemo, useRef } from "react";
import { BlockView } from "@/features/chat/markdown/block";
import { emptySplit, splitFinished, splitGrowing } from "@/features/chat/markdown/blocks";
import { usePaced } from "@/features/chat/markdown/use-paced";

/** An answer. While it grows only its last block is read and rendered again. */
export function Markdown({ text, growing }: { text: string; growing: boolean }) {
  const split = useRef(emptySplit);
  const shown = usePaced(text, growing);
  const blocks = useMemo(() => {
    if (!growing) return splitFinished(shown);
    split.current = splitGrowing(split.current, shown);
    return split.current.blocks;
  }, [shown, growing]);
  return (
    <div className="prose" data-growing={growing}>
      {blocks.map((block) => (
        <BlockView key={block.at} token={block.token} />
      ))}
    </div>
  );
}
