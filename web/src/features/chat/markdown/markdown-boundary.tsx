import { Component, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Plain } from "@/features/chat/markdown/block";

interface Props {
  text: string;
  growing: boolean;
  children: ReactNode;
}

/** One answer that cannot be shown must not take the chat with it: it appears as plain text, with a word why. */
export class MarkdownBoundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  /** The finished text deserves a try of its own. */
  override componentDidUpdate(before: Props) {
    if (this.state.failed && before.growing !== this.props.growing)
      this.setState({ failed: false });
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return <PlainAnswer text={this.props.text} />;
  }
}

function PlainAnswer({ text }: { text: string }) {
  const { t } = useTranslation();
  return (
    <div className="prose">
      <Plain text={text} />
      <p className="text-sm text-text-3">{t("markdown.shownPlain")}</p>
    </div>
  );
}
