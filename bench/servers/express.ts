import { expressWebhooks } from '@hookport/express'
import express from 'express'
import { benchmarkReceiver } from './hookport.ts'
import { serve } from './serve.ts'

serve(express().use('/webhook', expressWebhooks(benchmarkReceiver())))
