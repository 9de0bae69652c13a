// Light or dark: as the person chose last, else as their system has it. Cloudscape follows a class of the body.
const KEY = "stepward.appearance";
const DARK = "awsui-dark-mode";

export function restoreAppearance(): void {
  const stored = localStorage.getItem(KEY);
  const isDark = stored === null ? window.matchMedia("(prefers-color-scheme: dark)").matches : stored === "dark";
  document.body.classList.toggle(DARK, isDark);
}

/** Changes to the other one, and remembers it. */
export function toggleAppearance(): void {
  const isDark = document.body.classList.toggle(DARK);
  localStorage.setItem(KEY, isDark ? "dark" : "light");
}

/** For what draws its own colours. */
export function isDarkNow(): boolean {
  return document.body.classList.contains(DARK);
}

/** Calls when it has changed; answers how to be left alone again. */
export function onAppearance(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.body, { attributeFilter: ["class"] });
  return () => observer.disconnect();
}
