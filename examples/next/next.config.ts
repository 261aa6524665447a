export default {
  serverExternalPackages: ['@hookport/sqlite', '@hookport/bullmq', '@hookport/postgres', 'pg'], // stores are loaded by Node as they are
  transpilePackages: ['@hookport/example-inbox'],
}
