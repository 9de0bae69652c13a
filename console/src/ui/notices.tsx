// Short messages above the page: what has just been done.
import Flashbar, { type FlashbarProps } from "@cloudscape-design/components/flashbar";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";
import { texts } from "../texts.ts";

type Notify = (text: string, type?: "success" | "info" | "warning") => void;

const NoticesContext = createContext<{ notify: Notify; items: FlashbarProps.MessageDefinition[] } | undefined>(undefined);

export function NoticesProvider({ children }: { children: ReactNode }) {
  const [items, setItems] = useState<FlashbarProps.MessageDefinition[]>([]);
  const notify = useCallback<Notify>((text, type = "success") => {
    const id = crypto.randomUUID();
    const dismiss = () => setItems((before) => before.filter((item) => item.id !== id));
    const item: FlashbarProps.MessageDefinition = {
      id, type, content: text, dismissible: true, dismissLabel: texts.action.dismiss, onDismiss: dismiss,
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
