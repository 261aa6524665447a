import { defineConfig } from 'vitepress'
import { resolveLink } from './pages/resolve-link.ts'
import { sidebar } from './pages/sidebar.ts'

export default defineConfig({
  title: 'hookport',
  description: 'Receives webhooks: verified, taken on once, kept, and handled until they succeed',
  base: process.env.DOCS_BASE ?? '/',
  cleanUrls: true,
  srcExclude: ['guides/inspector/**', 'node_modules/**'],
  ignoreDeadLinks: 'localhostLinks',
  markdown: {
    config(md) {
      md.core.ruler.push('links-between-pages', ({ tokens, env }) => {
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          const href = token.attrGet('href')
          if (token.type === 'link_open' && href !== null)
            token.attrSet('href', resolveLink(href, env.relativePath))
        }
      })
    },
  },
  themeConfig: {
    nav: [
      { text: 'First webhook', link: '/guides/first-webhook' },
      { text: 'Deploying', link: '/guides/deploying' },
      { text: 'Troubleshooting', link: '/guides/troubleshooting' },
      { text: 'Reference', link: '/reference/' },
    ],
    sidebar: sidebar(),
    outline: [2, 3],
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: 'https://github.com/hookport/hookport' }],
  },
})
