import { storedChoice } from "@/lib/stored-choice";

/** How the page looks besides its theme. public/theme.js applies the same before the first paint. */
export const textSize = storedChoice("text-size", ["normal", "small", "large", "huge"], {
  preference: "textSize",
  onChange: (size) => {
    document.documentElement.dataset.textSize = size;
  },
});

export const density = storedChoice("density", ["comfortable", "compact"], {
  preference: "density",
  onChange: (value) => {
    document.documentElement.dataset.density = value;
  },
});

/** Which keys send a message. */
export const sendKey = storedChoice("send-key", ["enter", "mod-enter"], { preference: "sendKey" });
