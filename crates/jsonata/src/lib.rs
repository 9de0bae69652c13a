//! JSONata 2.0.6: parse, compile and evaluate with budgets.
