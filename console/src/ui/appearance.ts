// Light or dark: as the person chose last, else as their system has it.
import { applyMode, Mode } from "@cloudscape-design/global-styles";
import { useState } from "react";

const KEY = "stepward.appearance";

function chosen(): Mode {
  const stored = localStorage.getItem(KEY);
  if (stored === Mode.Dark || stored === Mode.Light) return stored;
  return window.matchMedia("(prefers-color-scheme: dark)").matches ? Mode.Dark : Mode.Light;
}

export function restoreAppearance(): void {
  applyMode(chosen());
}

export function useAppearance(): { isDark: boolean; toggle: () => void } {
  const [mode, setMode] = useState(chosen);
  const toggle = () => {
    const next = mode === Mode.Dark ? Mode.Light : Mode.Dark;
    localStorage.setItem(KEY, next);
    applyMode(next);
    setMode(next);
  };
  return { isDark: mode === Mode.Dark, toggle };
}

/** For what draws its own colours. */
export function isDarkNow(): boolean {
  return document.body.classList.contains("awsui-dark-mode");
}
