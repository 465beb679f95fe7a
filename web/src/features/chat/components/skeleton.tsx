/** The shape of a conversation while it is being read. */
export function ConversationSkeleton() {
  return (
    <div
      aria-hidden="true"
      className="animate-appear mx-auto flex w-full max-w-184 flex-1 flex-col gap-7 overflow-hidden px-4 pt-6 sm:px-6"
    >
      <div className="h-11 w-2/5 self-end rounded-xl bg-bubble" />
      <div className="flex flex-col gap-3">
        <div className="h-3.5 w-full rounded-full bg-hover" />
        <div className="h-3.5 w-11/12 rounded-full bg-hover" />
        <div className="h-3.5 w-3/5 rounded-full bg-hover" />
      </div>
    </div>
  );
}
