/** Where Sematryx's API is. */
export const sematryxUrl = 'https://api.sematryx.com'
