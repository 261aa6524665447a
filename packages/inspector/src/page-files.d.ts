/** A file that the page loads. */
export interface PageFile {
  readonly contentType: string
  readonly text: string
}

/** By name. Bundled from `page/` when the package is built; in development, when this is imported. */
export declare const pageFiles: Readonly<Record<'app.js' | 'app.css' | 'icon.svg', PageFile>>

/** Changes whenever the files change. */
export declare const pageVersion: string
