import { storedChoice } from "@/lib/stored-choice";

/** How the page looks besides its theme. public/theme.js applies the same before the first paint. */
export const textSize = storedChoice("text-size", ["normal", "small", "large", "huge"], (size) => {
  document.documentElement.dataset.textSize = size;
});

export const density = storedChoice("density", ["comfortable", "compact"], (value) => {
  document.documentElement.dataset.density = value;
});

/** Which keys send a message. */
export const sendKey = storedChoice("send-key", ["enter", "mod-enter"]);
