/** Sends a finished form to the server and says plainly how it went. */
import type { InstancePayload } from "@getodk/web-forms";
import { underFirstId } from "./drafts";

const FILE_FIELD = "xml_submission_file";

export type Sending =
  | { kind: "sent" } | { kind: "offline" } | { kind: "loginAgain" } | { kind: "staleToken" }
  | { kind: "refused"; status: number; detail: string };

const TIMEOUT_MS = 60_000;

/** What the server says to do, in the `detail` of a JSON answer; "" where it says nothing. */
async function detailOf(response: Response): Promise<string> {
  const type = response.headers.get("content-type") ?? "";
  if (!type.includes("json")) return "";
  const body: unknown = await response.json().catch(() => null);
  const detail = typeof body === "object" && body !== null && "detail" in body ? body.detail : null;
  return typeof detail === "string" ? detail : "";
}

/** What goes to the server: the finished instance, under the ID that the visit began with; null where it is not ready. */
export async function finished(payload: InstancePayload): Promise<FormData | null> {
  const file = payload.data[0]?.get(FILE_FIELD);
  if (payload.status !== "ready" || !(file instanceof File)) return null;
  const form = new FormData();
  form.set(FILE_FIELD, new File([underFirstId(await file.text())], file.name, { type: file.type }));
  return form;
}

/**
 * The anti-forgery token of the session as it is now, from a fresh copy of this page: after a new
 * log-in in another tab, the token that this page came with is worth nothing. "" where there is no session.
 */
export async function freshToken(): Promise<string> {
  try {
    const page = await fetch(window.location.href, { credentials: "same-origin", redirect: "manual" });
    if (!page.ok) return "";
    const copy = new DOMParser().parseFromString(await page.text(), "text/html");
    return copy.querySelector<HTMLElement>("[data-csrf]")?.dataset["csrf"] ?? "";
  } catch {
    return "";
  }
}

/**
 * POST the instance as `xml_submission_file` (multipart, as OpenRosa does). The instance keeps its
 * instanceID, so a second try after a lost answer is known to the server as the same visit.
 */
export async function send(form: FormData, url: string, csrf: string): Promise<Sending> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      body: form,
      headers: { "X-CSRF-Token": csrf, "X-OpenRosa-Version": "1.0" },
      credentials: "same-origin",
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    return { kind: "offline" };
  }
  if (response.ok) return { kind: "sent" };
  if (response.status === 401 || response.type === "opaqueredirect") return { kind: "loginAgain" };
  const detail = await detailOf(response);
  if (response.status === 403 && !detail) return { kind: "staleToken" };
  return { kind: "refused", status: response.status, detail };
}
