import theme from 'vitepress/theme-without-fonts' // nothing is fetched from elsewhere, and nothing shipped that readers have
import './tables.css'

export default theme
