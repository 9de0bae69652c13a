// What went wrong, in plain words. AWS's own sentence is always kept: it names the action and the resource.
import { texts } from "../texts.ts";

export interface FailureText {
  header: string;
  text: string;
  code?: string;
  /** The action that was refused, when the sentence names one. */
  deniedAction?: string;
}

const DENIED = new Set(["AccessDenied", "AccessDeniedException", "UnauthorizedException"]);
const EXPIRED = new Set(["ExpiredToken", "ExpiredTokenException"]);
const UNKNOWN_KEY = new Set(["InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId"]);
const WRONG_SECRET = new Set(["SignatureDoesNotMatch", "InvalidSignatureException"]);

export function describeFailure(error: unknown): FailureText {
  if (!(error instanceof Error)) return { header: texts.failure.unexpected, text: String(error) };
  const { name: code, message: text } = error;
  if (DENIED.has(code)) {
    const action = deniedAction(text);
    return { header: texts.failure.denied, text, code, ...(action && { deniedAction: action }) };
  }
  if (EXPIRED.has(code)) return { header: texts.failure.expired, text: texts.failure.signInAgain, code };
  if (UNKNOWN_KEY.has(code)) return { header: texts.failure.unknownKey, text, code };
  if (WRONG_SECRET.has(code)) return { header: texts.failure.wrongSecret, text: texts.failure.checkSecret, code };
  if (code === "TypeError" && /fetch/i.test(text)) {
    return { header: texts.failure.unreachable, text: texts.failure.isItRunning(window.location.origin) };
  }
  return { header: texts.failure.refused(code), text: text || texts.failure.noReason, code };
}

/** The action that a denial names. */
export function deniedAction(text: string): string | undefined {
  return /not authorized to perform: ([\w-]+:\w+)/.exec(text)?.[1];
}
