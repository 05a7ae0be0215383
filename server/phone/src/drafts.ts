/**
 * Keeps the answers of a visit on this phone until the server has them: one instance XML a visit, in
 * localStorage. Logging out clears the storage of the site, and the drafts with it.
 */

const META = "*"; // the form engine writes <meta> in the OpenRosa namespace or in the form's own

export const draftKey = (submitUrl: string): string => `aangan-draft:${submitUrl}`;

/** The draft kept under `key`, or null. A browser that keeps nothing for sites has none. */
export function findDraft(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Keep `xml` under `key`; false where the browser has no room for it, or keeps nothing for sites. */
export function keepDraft(key: string, xml: string): boolean {
  try {
    localStorage.setItem(key, xml);
    return true;
  } catch {
    return false;
  }
}

export function dropDraft(key: string): void {
  try {
    localStorage.removeItem(key);
  } catch (error) {
    console.warn(error);
  }
}

/**
 * `xml` under the instanceID that its visit began with. The engine takes a draft up as an edit: it mints a new
 * instanceID and puts the one before into deprecatedID, but to the server it is the same form, sent once.
 */
export function underFirstId(xml: string): string {
  const instance = new DOMParser().parseFromString(xml, "application/xml");
  const first = instance.getElementsByTagNameNS(META, "deprecatedID")[0];
  const minted = instance.getElementsByTagNameNS(META, "instanceID")[0];
  if (!first || !minted) return xml;
  minted.textContent = first.textContent;
  first.remove();
  return new XMLSerializer().serializeToString(instance);
}
