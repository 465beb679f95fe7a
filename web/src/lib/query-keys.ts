/** Every key of the query cache, so that one feature can refresh what another one shows. */
export const keys = {
  me: ["me"] as const,
  models: ["models"] as const,
  usage: ["usage"] as const,
  keys: ["keys"] as const,
  plans: ["plans"] as const,
  subscription: ["subscription"] as const,
  /** Lists and single orders. */
  orders: ["orders"] as const,
  chats: ["chats"] as const,
  chat: (id: string) => ["chat", id] as const,
};
