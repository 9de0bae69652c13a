// Short messages above the page: what has just been done.
import Flashbar, { type FlashbarProps } from "@cloudscape-design/components/flashbar";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";
import { useLocation } from "../router.ts";
import { texts } from "../texts.ts";
import { newId } from "./new-id.ts";

type Notify = (text: string, type?: "success" | "info" | "warning") => void;

type Notice = FlashbarProps.MessageDefinition & { at: number };

const FRESH_MS = 3_000;

const NoticesContext = createContext<{ notify: Notify; items: FlashbarProps.MessageDefinition[] } | undefined>(undefined);

export function NoticesProvider({ children }: { children: ReactNode }) {
  const [items, setItems] = useState<Notice[]>([]);
  const { path } = useLocation();
  // What was said on an earlier page is old; what has just been done is said on the page that it led to.
  useEffect(() => setItems((before) => before.filter(({ at }) => Date.now() - at < FRESH_MS)), [path]);
  const notify = useCallback<Notify>((text, type = "success") => {
    const id = newId();
    const dismiss = () => setItems((before) => before.filter((item) => item.id !== id));
    const item: Notice = {
      id, at: Date.now(), type, content: text, dismissible: true, dismissLabel: texts.action.dismiss, onDismiss: dismiss,
    };
    // The latest three say enough.
    setItems((before) => [item, ...before].slice(0, 3));
  }, []);
  const value = useMemo(() => ({ notify, items }), [notify, items]);
  return <NoticesContext value={value}>{children}</NoticesContext>;
}

export function useNotify(): Notify {
  const context = useContext(NoticesContext);
  if (!context) throw new Error("used outside of NoticesProvider");
  return context.notify;
}

export function Notices() {
  const items = useContext(NoticesContext)?.items ?? [];
  return <Flashbar items={items} stackItems={items.length > 1} />;
}
