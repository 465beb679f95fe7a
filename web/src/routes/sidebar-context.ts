import { createContext, useContext } from "react";

/** Whether the list of chats stands beside the page, and how to show or hide it; and the list of shortcuts. */
export const SidebarContext = createContext({
  shown: false,
  toggle: () => {},
  showShortcuts: () => {},
});

export const useSidebar = () => useContext(SidebarContext);
