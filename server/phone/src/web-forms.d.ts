// The part of @getodk/web-forms 0.22.0 that this app uses; the package ships no types of its own.
declare module "@getodk/web-forms" {
  import type { DefineComponent, Plugin } from "vue";

  export interface InstancePayload {
    readonly status: "ready" | "pending";
    /** One FormData holding the file `xml_submission_file`. */
    readonly data: readonly FormData[];
  }

  export const webFormsPlugin: Plugin;
  export const OdkWebForm: DefineComponent<{
    formXml: string;
    fetchFormAttachment: (url: URL) => Promise<Response>;
    trackDevice?: boolean;
    onSubmit?: (payload: InstancePayload) => void;
  }>;
}

declare module "*.css";
