"""What a record's texts mean: findings, each with the words it rests on and the rule that read them.

Pure functions from texts to findings; nothing here knows a store. `stored_text` is what every reader begins with.
"""
