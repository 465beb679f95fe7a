import { createContext, useContext } from "react";

/** Whether the list of chats stands beside the page, and how to show or hide it; the list of shortcuts, and the palette. */
export const SidebarContext = createContext({
  shown: false,
  toggle: () => {},
  showShortcuts: () => {},
  showPalette: () => {},
});

export const useSidebar = () => useContext(SidebarContext);
