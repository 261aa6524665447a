export default {
  serverExternalPackages: ['@hookport/sqlite', '@hookport/bullmq'], // stores are loaded by Node as they are
  transpilePackages: ['@hookport/example-inbox'],
}
