import type { ReactNode, SVGProps } from "react";

type IconProps = SVGProps<SVGSVGElement>;

/** One pen for all icons: 24 grid, 1.75 stroke, round ends. They are decoration; buttons carry the names. */
export function icon(children: ReactNode) {
  return function Icon(props: IconProps) {
    return (
      <svg
        width="1.15em"
        height="1.15em"
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.75"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
        {...props}
        className={`shrink-0 ${props.className ?? ""}`}
      >
        {children}
      </svg>
    );
  };
}

export const ArrowUpIcon = icon(<path d="M12 19V5m-6.5 6.5L12 5l6.5 6.5" />);
export const ArrowDownIcon = icon(<path d="M12 5v14m6.5-6.5L12 19l-6.5-6.5" />);
export const StopIcon = icon(
  <rect x="6.5" y="6.5" width="11" height="11" rx="2.5" fill="currentColor" stroke="none" />,
);
export const PlusIcon = icon(<path d="M12 5v14M5 12h14" />);
export const PenIcon = icon(
  <>
    <path d="M12 4H6.5A2.5 2.5 0 0 0 4 6.5v11A2.5 2.5 0 0 0 6.5 20h11a2.5 2.5 0 0 0 2.5-2.5V12" />
    <path d="M18.2 3.7a1.9 1.9 0 0 1 2.7 2.7L13 14.3l-3.6.9.9-3.6Z" />
  </>,
);
export const SearchIcon = icon(
  <>
    <circle cx="11" cy="11" r="6.5" />
    <path d="m20 20-4.2-4.2" />
  </>,
);
export const CheckIcon = icon(<path d="m5 12.5 4.5 4.5L19 7.5" />);
export const ChevronDownIcon = icon(<path d="m6.5 9.5 5.5 5.5 5.5-5.5" />);
export const ChevronRightIcon = icon(<path d="m9.5 6.5 5.5 5.5-5.5 5.5" />);
export const CopyIcon = icon(
  <>
    <rect x="8.5" y="8.5" width="11.5" height="11.5" rx="2.5" />
    <path d="M15.5 8.5v-2A2.5 2.5 0 0 0 13 4H6.5A2.5 2.5 0 0 0 4 6.5V13a2.5 2.5 0 0 0 2.5 2.5h2" />
  </>,
);
export const MenuIcon = icon(<path d="M4 7h16M4 12h16M4 17h10" />);
export const SidebarIcon = icon(
  <>
    <rect x="3.5" y="4.5" width="17" height="15" rx="3" />
    <path d="M9.5 4.5v15" />
  </>,
);
export const MoreIcon = icon(
  <g fill="currentColor" stroke="none">
    <circle cx="5.5" cy="12" r="1.6" />
    <circle cx="12" cy="12" r="1.6" />
    <circle cx="18.5" cy="12" r="1.6" />
  </g>,
);
export const TrashIcon = icon(
  <path d="M4.5 7h15M9.5 7V5.5a1.5 1.5 0 0 1 1.5-1.5h2a1.5 1.5 0 0 1 1.5 1.5V7m3.5 0-.7 10.7a2.5 2.5 0 0 1-2.5 2.3H9.2a2.5 2.5 0 0 1-2.5-2.3L6 7m4 4v5m4-5v5" />,
);
export const LockIcon = icon(
  <>
    <rect x="5" y="11" width="14" height="9" rx="2.5" />
    <path d="M8 11V8a4 4 0 0 1 8 0v3" />
  </>,
);
export const AlertIcon = icon(
  <>
    <circle cx="12" cy="12" r="8.5" />
    <path d="M12 7.8v4.7m0 3.4v.1" />
  </>,
);
export const RetryIcon = icon(<path d="M19.5 12a7.5 7.5 0 1 1-2.3-5.4L19.5 9m0-5v5h-5" />);
export const CloseIcon = icon(<path d="m6.5 6.5 11 11m0-11-11 11" />);
export const ImageIcon = icon(
  <>
    <rect x="3.5" y="4.5" width="17" height="15" rx="3" />
    <circle cx="9" cy="10" r="1.5" />
    <path d="m4 17 4.5-4 3.5 3 4-4.5 4.5 4.5" />
  </>,
);
export const LogoutIcon = icon(
  <path d="M10 4.5H7A2.5 2.5 0 0 0 4.5 7v10A2.5 2.5 0 0 0 7 19.5h3M15 8l4 4-4 4m4-4H10" />,
);
export const SunIcon = icon(
  <>
    <circle cx="12" cy="12" r="4" />
    <path d="M12 3v1.5m0 15V21M3 12h1.5m15 0H21M5.6 5.6l1.1 1.1m10.6 10.6 1.1 1.1m0-12.8-1.1 1.1M6.7 17.3l-1.1 1.1" />
  </>,
);
export const MoonIcon = icon(<path d="M20 14.2A8.3 8.3 0 0 1 9.8 4a8.3 8.3 0 1 0 10.2 10.2Z" />);
export const ScreenIcon = icon(
  <>
    <rect x="3.5" y="4.5" width="17" height="11.5" rx="2.5" />
    <path d="M9 20h6" />
  </>,
);
export const GlobeIcon = icon(
  <>
    <circle cx="12" cy="12" r="8.5" />
    <path d="M3.5 12h17M12 3.5c2.3 2.3 3.4 5.1 3.4 8.5s-1.1 6.2-3.4 8.5c-2.3-2.3-3.4-5.1-3.4-8.5s1.1-6.2 3.4-8.5Z" />
  </>,
);
export const EyeIcon = icon(
  <>
    <path d="M2.8 12S6 5.8 12 5.8 21.2 12 21.2 12 18 18.2 12 18.2 2.8 12 2.8 12Z" />
    <circle cx="12" cy="12" r="2.8" />
  </>,
);
export const EyeOffIcon = icon(
  <path d="M4 4.5 20 19.5M9.8 6c.7-.1 1.4-.2 2.2-.2 6 0 9.2 6.2 9.2 6.2a15 15 0 0 1-2.4 3.1M6.3 7.7A15 15 0 0 0 2.8 12S6 18.2 12 18.2c1.6 0 3-.4 4.2-1M10 10a2.8 2.8 0 0 0 3.9 4" />,
);
export const CloudOffIcon = icon(
  <path d="M4 4.5 20 19.5M9.5 6a6 6 0 0 1 8.3 4.3A4 4 0 0 1 20 17M6.8 8.5A6 6 0 0 0 6.5 10a4.3 4.3 0 0 0 .5 8.5h8.5" />,
);
export const WrapIcon = icon(
  <path d="M4 6h16M4 12h13a3 3 0 0 1 0 6h-4m2-2.5L12.5 18l2.5 2.5M4 18h4.5" />,
);
export const DownloadIcon = icon(<path d="M12 4.5v10m-4.5-4 4.5 4.5 4.5-4.5M5 19.5h14" />);
export const ChevronLeftIcon = icon(<path d="m14.5 6.5-5.5 5.5 5.5 5.5" />);
export const TextIcon = icon(<path d="M5 7V5.5h14V7M12 5.5v13m-2.5 0h5" />);
export const StarIcon = icon(
  <path d="m12 4 2.5 5.1 5.6.8-4 4 .9 5.6-5-2.7-5 2.7.9-5.6-4-4 5.6-.8Z" />,
);
export const SettingsIcon = icon(
  <path d="M4 7h9m5 0h2M4 12h3m5 0h8M4 17h9m5 0h2M15.5 4.8v4.4m-6 .6v4.4m6 .6v4.4" />,
);
export const KeyboardIcon = icon(
  <>
    <rect x="3" y="6" width="18" height="12" rx="2.5" />
    <path d="M7 10h.01M11 10h.01M15 10h.01M17.5 10h.01M8 14h8" />
  </>,
);
export const ChartIcon = icon(<path d="M4.5 4.5v15h15M8.5 16v-4m4 4V8m4 8v-6" />);
export const ColumnsIcon = icon(
  <>
    <rect x="3.5" y="4.5" width="17" height="15" rx="3" />
    <path d="M12 4.5v15" />
  </>,
);
export const PlayIcon = icon(<path d="M7.5 5.5v13l10.5-6.5Z" />);
export const KeyIcon = icon(
  <>
    <circle cx="8" cy="15.5" r="3.5" />
    <path d="m10.6 13 8.4-8.5m-3 3 2.5 2.5" />
  </>,
);
export const ClockIcon = icon(
  <>
    <circle cx="12" cy="12" r="8.5" />
    <path d="M12 7.5V12l3 2" />
  </>,
);
export const CardIcon = icon(
  <>
    <rect x="3" y="5.5" width="18" height="13" rx="2.5" />
    <path d="M3 10h18M7 14.5h3" />
  </>,
);
export const PinIcon = icon(
  <>
    <path d="M9 4h6l-.8 5.2 3.3 3.6H6.5l3.3-3.6Z" />
    <path d="M12 12.8V20" />
  </>,
);
export const FolderIcon = icon(
  <path d="M3.5 7A2.5 2.5 0 0 1 6 4.5h3.2l2.3 2.7H18A2.5 2.5 0 0 1 20.5 9.7V17a2.5 2.5 0 0 1-2.5 2.5H6A2.5 2.5 0 0 1 3.5 17Z" />,
);
export const ArchiveIcon = icon(
  <>
    <path d="M3.5 4.5h17v4h-17ZM5 8.5V17a2.5 2.5 0 0 0 2.5 2.5h9A2.5 2.5 0 0 0 19 17V8.5" />
    <path d="M10 12.5h4" />
  </>,
);
export const ChatIcon = icon(
  <path d="M20 11.5a7.5 7.5 0 0 1-11 6.6L4.5 19.5l1.4-4A7.5 7.5 0 1 1 20 11.5Z" />,
);
