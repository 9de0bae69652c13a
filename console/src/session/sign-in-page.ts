// The page of who has not signed in: plain elements, so that it is there at once. It keeps what is typed in its fields
// and nowhere else.
import "./sign-in.css";
import type { Credentials } from "../aws/clients.ts";
import { describeFailure } from "../aws/failures.ts";
import logo from "../icon.svg";
import { texts } from "../texts.ts";
import { isDarkNow, toggleAppearance } from "../ui/appearance.ts";
import type { ServerConfig } from "./server-config.ts";

type Enter = (credentials: Credentials) => Promise<void>;

const words = texts.signIn;

export class SignInPage {
  readonly #enter: Enter;
  readonly #offers = element("div", {});
  readonly #failure = element("div", { role: "alert", className: "sign-in-failure", hidden: true });
  readonly #keyId = new Field({ label: words.keyId, missing: words.keyIdMissing });
  readonly #secret = new Field({ label: words.secret, missing: words.secretMissing, isSecret: true });
  readonly #token = new Field({ label: words.token, description: words.tokenDescription, isSecret: true });
  readonly #button = element("button", { type: "submit", className: "sign-in-button", textContent: words.button });

  constructor(root: HTMLElement, enter: Enter) {
    this.#enter = enter;
    document.getElementById("top")?.replaceChildren(bar());
    const heading = element("h1", { textContent: words.header });
    const form = element("form", { className: "sign-in-card", noValidate: true }, [
      heading, element("p", { textContent: words.description }), this.#failure,
      this.#keyId.element, this.#secret.element, this.#token.element,
      element("p", { className: "sign-in-small", textContent: words.kept }), this.#button,
    ]);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    root.replaceChildren(element("main", { className: "sign-in" }, [this.#offers, form]));
    document.title = `${words.header} – ${texts.product}`;
    this.#keyId.focus();
  }

  /** Offers one click to who tries Stepward out. */
  offer({ isDev }: ServerConfig): void {
    if (!isDev) return;
    const button = element("button", { type: "button", className: "sign-in-button is-second", textContent: words.devButton });
    button.addEventListener("click", () => void this.#try({ accessKeyId: "test", secretAccessKey: "test" }));
    const text = element("div", {}, [element("strong", { textContent: words.devHeader }), element("p", { textContent: words.devText })]);
    this.#offers.replaceChildren(element("section", { className: "sign-in-card sign-in-offer", ariaLabel: words.devHeader }, [text, button]));
  }

  fail(error: unknown): void {
    const { header, text } = describeFailure(error);
    this.#failure.replaceChildren(element("strong", { textContent: header }), element("div", { textContent: text }));
    this.#failure.hidden = false;
  }

  #submit(): void {
    const [accessKeyId, secretAccessKey, sessionToken] = [this.#keyId.checked(), this.#secret.checked(), this.#token.checked()];
    if (!accessKeyId || !secretAccessKey) return;
    void this.#try({ accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) });
  }

  async #try(credentials: Credentials): Promise<void> {
    this.#failure.hidden = true;
    this.#busy(true);
    try {
      await this.#enter(credentials);
    } catch (error) {
      this.fail(error);
      this.#busy(false);
    }
  }

  #busy(isBusy: boolean): void {
    this.#button.ariaBusy = String(isBusy);
    for (const button of document.querySelectorAll<HTMLButtonElement>(".sign-in button")) button.disabled = isBusy;
  }
}

interface FieldText {
  label: string;
  description?: string;
  /** What is said when it is empty; without it, it may be. */
  missing?: string;
  isSecret?: boolean;
}

class Field {
  readonly element: HTMLElement;
  readonly #input: HTMLInputElement;
  readonly #error: HTMLElement;
  readonly #missing: string | undefined;

  constructor({ label, description, missing, isSecret = false }: FieldText) {
    const id = label.toLowerCase().replaceAll(" ", "-");
    this.#missing = missing;
    this.#input = element("input", { id, type: isSecret ? "password" : "text", autocomplete: "off", spellcheck: false });
    this.#input.setAttribute("aria-describedby", `${id}-error ${id}-description`);
    this.#error = element("div", { id: `${id}-error`, className: "sign-in-error" });
    const below = element("div", { id: `${id}-description`, className: "sign-in-small", textContent: description ?? "" });
    this.element = element("div", { className: "sign-in-field" }, [element("label", { htmlFor: id, textContent: label }), this.#input, this.#error, below]);
  }

  focus(): void {
    this.#input.focus();
  }

  /** What was typed; says so when it must not be empty. */
  checked(): string {
    const value = this.#input.value.trim();
    const isMissing = !value && this.#missing !== undefined;
    this.#error.textContent = isMissing ? (this.#missing ?? "") : "";
    this.#input.setAttribute("aria-invalid", String(isMissing));
    return value;
  }
}

function bar(): HTMLElement {
  const name = () => (isDarkNow() ? texts.bar.light : texts.bar.dark);
  const toggle = element("button", { type: "button", textContent: name() });
  toggle.addEventListener("click", () => {
    toggleAppearance();
    toggle.textContent = name();
  });
  const brand = element("span", { className: "sign-in-brand" }, [element("img", { src: logo, alt: "" }), element("span", { textContent: texts.product })]);
  return element("header", { className: "sign-in-bar" }, [brand, toggle]);
}

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<HTMLElementTagNameMap[Name]>,
  children: HTMLElement[] = [],
): HTMLElementTagNameMap[Name] {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}
