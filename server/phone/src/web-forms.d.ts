// The part of @getodk/web-forms 0.22.0 that this app uses; the package ships no types of its own.
declare module "@getodk/web-forms" {
  import type { DefineComponent, Plugin } from "vue";

  export interface InstancePayload {
    readonly status: "ready" | "pending";
    /** One FormData holding the file `xml_submission_file`. */
    readonly data: readonly FormData[];
  }

  /** An instance to go on with. The engine mints a new instanceID for it; the old one becomes its deprecatedID. */
  export interface EditInstance {
    readonly resolveInstance: () => string;
    readonly attachmentFileNames: readonly string[];
    readonly resolveAttachment: (fileName: string) => Promise<Response>;
  }

  export const webFormsPlugin: Plugin;
  export const OdkWebForm: DefineComponent<{
    formXml: string;
    fetchFormAttachment: (url: URL) => Promise<Response>;
    trackDevice?: boolean;
    editInstance?: EditInstance | undefined;
    onSubmit?: (payload: InstancePayload) => void;
  }>;
}

declare module "*.css";
