/** Stands where the list of chats will be. */
export function ListSkeleton() {
  return (
    <div aria-hidden="true" className="flex flex-col gap-3.5 px-2.5 py-3">
      {["w-4/5", "w-3/5", "w-2/3", "w-1/2", "w-3/4"].map((width) => (
        <div key={width} className={`h-3 rounded-full bg-hover ${width}`} />
      ))}
    </div>
  );
}
