#!/usr/bin/env node
import '@hookport/cli/main'
