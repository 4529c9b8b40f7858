"""The drawing kit: pages of digits and of much else, with the truth of what stands where.

`training` has the kinds of pages that teach the finder, `judging` those that judge the reader. They
share the handwriting, never a kind. What both draw with lies here: hands, paper, light, camera.
"""
