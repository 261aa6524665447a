/** The URL of Sematryx's API. */
export const sematryxUrl = 'https://api.sematryx.com'
