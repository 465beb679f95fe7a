import { UserPage } from "@/features/admin/user-page";
import { useMe } from "@/features/auth/use-me";

/** A person's page; it must know who is looking, because nobody blocks themselves. */
export function PersonPage() {
  const { data: me } = useMe();
  return <UserPage own={me?.id} />;
}
