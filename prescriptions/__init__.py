"""The domain: catalogue, dose ranges, precautions, the check, the words, the pictures and the paper.

Pure values in, values out. Nothing here knows Flask, SQL, the clock or the environment.
"""
