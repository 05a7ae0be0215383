/**
 * Starts the supervisor's form on the element that carries its addresses:
 * <div data-form-url data-submit-url data-done-url data-csrf data-language></div>
 */
import { webFormsPlugin } from "@getodk/web-forms";
import { createApp } from "vue";
import { shell } from "./shell";
import "./style.css";
import "./web-forms.css";

const mount = document.querySelector<HTMLElement>("[data-form-url]");
if (!mount) throw new Error("No element with data-form-url on this page.");
const { formUrl, submitUrl, doneUrl, csrf, language } = mount.dataset;
if (!formUrl || !submitUrl || !doneUrl) throw new Error("data-form-url, data-submit-url and data-done-url are required.");

createApp(shell({ formUrl, submitUrl, doneUrl, csrf: csrf ?? "", language: language ?? "hi" }))
  .use(webFormsPlugin)
  .mount(mount);
