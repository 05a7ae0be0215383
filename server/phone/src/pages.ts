/**
 * Shows one section of the form at a time. The component draws every section in one long page, so
 * the current one is marked with a data attribute and style.css hides the others.
 */

const PANELS = ".odk-form .form-questions .p-panel";

/** The form's sections as they stand now; those that do not apply are absent. */
export function sections(host: ParentNode): HTMLElement[] {
  return [...host.querySelectorAll<HTMLElement>(PANELS)].filter((panel) => !panel.parentElement?.closest(".p-panel"));
}

export function sectionTitle(section: HTMLElement | undefined): string {
  return section?.querySelector("h2")?.textContent?.trim() ?? "";
}

export function showSection(all: readonly HTMLElement[], index: number): void {
  all.forEach((panel, i) => panel.setAttribute("data-page", i === index ? "current" : "other"));
}

/** The first question shown as wrong, with the number of its section. */
export function firstError(all: readonly HTMLElement[]): { index: number; question: HTMLElement } | null {
  for (const [index, panel] of all.entries()) {
    const question = panel.querySelector<HTMLElement>(".question-container.highlight");
    if (question) return { index, question };
  }
  return null;
}
