import { createContext, useContext } from "react";

/** Whether the list of chats stands beside the page, and how to show or hide it. */
export const SidebarContext = createContext({ shown: false, toggle: () => {} });

export const useSidebar = () => useContext(SidebarContext);
