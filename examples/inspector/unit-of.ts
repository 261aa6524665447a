/** The flaw of the walk-through: what is not a route has no unit. `FIXED=1` is the version that mends it. */
export function unitOf(data: { readonly optimization_id: string }): string | undefined {
  if (data.optimization_id.startsWith('route_')) return 'km'
  return process.env.FIXED === '1' ? 'EUR' : undefined
}
