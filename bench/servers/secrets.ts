/** Shared by every contender and by what signs the deliveries. */
export const secret = 'benchmark-secret-of-some-length'

/** The same as Standard Webhooks writes it. */
export const encodedSecret = `whsec_${Buffer.from(secret).toString('base64')}`
