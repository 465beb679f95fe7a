export interface Chat {
  id: string;
  userId: string;
  title: string;
  model: string;
  systemPrompt: string | null;
  temperature: number;
  createdAt: string;
  updatedAt: string;
  activeGenerationId: string | null;
}
export type MessageStatus = "generating" | "complete" | "stopped" | "interrupted" | "failed";
export interface Message {
  id: string;
  chatId: string;
  parentId: string | null;
  role: "user" | "assistant" | "system";
  content: string;
  reasoning: string | null;
  model: string | null;
  status: MessageStatus;
  finishReason: string | null;
  errorCode: string | null;
  tokensUsed: number;
  cost: string | null;
  createdAt: string;
  generationId: string | null;
}
export interface Model {
  id: string;
  name: string;
  provider: string;
  tier: "free" | "premium";
  contextLength: number;
  maxOutputTokens: number | null;
  available: boolean;
  unavailableReason: string | null;
  inPlan: boolean;
  source: "openrouter" | "openai_compatible" | "local";
  servedBy: string | null;
  pricing: { prompt: string; completion: string } | null;
  note: string | null;
}
export interface Meter {
  limit: number;
  used: number;
  resetsAt: string;
}
export interface Usage {
  plan: string;
  messages: Meter;
  chats: Meter;
  tokensPerMessage: number;
}
export interface SignedInUser {
  id: string;
  email: string;
  fullName: string | null;
  subscriptionTier: "free" | "premium";
}
export interface Me extends SignedInUser {
  subscriptionExpiresAt: string | null;
  createdAt: string;
}
