/** A file that the page loads. */
export interface PageFile {
  readonly contentType: string
  readonly text: string
}

/** By name. Bundled from `page/` as the package is built; while it is worked on, as this is imported. */
export declare const pageFiles: Readonly<Record<'app.js' | 'app.css' | 'icon.svg', PageFile>>

/** Another one for other files. */
export declare const pageVersion: string
