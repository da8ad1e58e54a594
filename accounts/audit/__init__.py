"""The record that nobody rewrites: append-only rows, the triggers behind them, how old they may get."""
