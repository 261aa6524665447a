/** Where Sematryx's API is. */
export const sematryxApi = 'https://api.sematryx.com'
